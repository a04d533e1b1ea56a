//! See the library.

fn main() -> throughput::Fallible<()> {
    throughput::run()
}
