//! Nothing: what counts is the manifest, which names the features of dependencies that any of our packages needs. Each
//! package that does I/O depends on it, so cargo switches on the same features whichever packages it is asked for, and
//! what was compiled for one of them is there for the others. `cargo hakari generate` writes it; `dev/features`, a part
//! of `make lint`, holds it.
