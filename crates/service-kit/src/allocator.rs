//! What every process allocates with. A command is some hundred small allocations on one thread that are freed on
//! another, which glibc's allocator answers with contention: with mimalloc the writer costs two thirds of the CPU
//! (docs/benchmarks.md).

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
