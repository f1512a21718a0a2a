"""The jobs of the queue: only functions of ours, with arguments in JSON.

RQ by itself carries out any function that a job names, with pickled arguments: write access to Redis would be enough
to run any code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "effects"
LETTERS = "letters"
"""The queue of what may take minutes: a worker that takes nothing from it is always there for calls."""


class NotOurJob(Exception):
    """The job names a function that is not ours."""


def job_class(*functions: Callable[..., None]) -> type[Job]:
    """A class of jobs that carry out one of these functions, without callbacks or anything else."""
    ours = {f"{function.__module__}.{function.__qualname__}": function for function in functions}

    class OurJob(Job):
        @property
        def func(self) -> Callable[..., None]:
            function = ours.get(str(self.func_name))
            if function is None or self.instance is not None:
                raise NotOurJob(self.id)
            return function

        @property
        def success_callback(self) -> None:
            return None

        @property
        def failure_callback(self) -> None:
            return None

        @property
        def stopped_callback(self) -> None:
            return None

    return OurJob


def job_queue(redis: Redis, jobs: type[Job], name: str = QUEUE) -> Queue:
    """The queue for jobs of this class."""
    return Queue(name, connection=redis, job_class=jobs, serializer=JSONSerializer)


def worker_options(jobs: type[Job]) -> dict[str, Any]:
    """The arguments with which a worker reads jobs of this class."""
    return {"job_class": jobs, "serializer": JSONSerializer}
