//! The engine's passes, compiled for this machine.

use std::time::Duration;

use criterion::Criterion;
use unrolled_bench::Case;

fn main() -> Result<(), unrolled::Error> {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for case in Case::all()? {
        let mut group = criterion.benchmark_group(&case.name);
        group.bench_function("forward", |bench| bench.iter(|| case.forward()));
        group.bench_function("forward + BPTT", |bench| bench.iter(|| case.forward_and_back()));
    }
    criterion.final_summary();
    Ok(())
}
