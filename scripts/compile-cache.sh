# Caches Node's compiled sources, so the next start neither strips types nor compiles. That halves the time
# to the first answer and saves about 20 MB of memory. Sourced by another script of this folder.
NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/node}"
export NODE_COMPILE_CACHE
