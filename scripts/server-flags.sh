# Sets how Node runs the server. Sourced by the other scripts and by the command of the npm package.

# Large transcripts need large buffers, and each new page costs a page fault. With huge pages (glibc on
# Linux; other systems ignore the setting), a turn of the event loop takes a third of the time.
GLIBC_TUNABLES="${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1"
export GLIBC_TUNABLES
# V8 would infer from the objects of the start that rows of the database live long too, and keep each
# transcript until the next full collection, which costs memory and a sixth of the CPU time.
# A slightly smaller young generation than the default: a larger one saves little time and costs memory.
# One thread for garbage collection per core besides the event loop's: four threads on two cores wait for
# each other and double the pauses.
SERVER_FLAGS='--no-allocation-site-pretenuring --max-semi-space-size=12 --v8-pool-size=0'
