-- Whether an agent of this pool may serve this class.
local function may_serve(login, pool, class)
  if byte(class, 2) == AT then return sub(class, 3) == login end
  return call('ZSCORE', ns .. 'serve:' .. class, pool) ~= false
end
