-- needs: channels base on_shift present
-- Whether anybody on shift, or expected back, serves one of these classes.
-- ARGV: now, topology, classes ... Returns 1, 0 or 'stale'.
if call('HGET', ns .. 'rules', 'topology') ~= ARGV[2] then return 'stale' end
for i = 3, #ARGV do
  if someone_present(ARGV[i]) then return 1 end
end
return 0
