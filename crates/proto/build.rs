//! Compiles `proto/` without a `protoc` on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../../proto");
    let files = protox::compile(
        [
            "sello/analytics/v1/service.proto",
            "sello/campaign/v1/events.proto",
            "sello/campaign/v1/service.proto",
            "sello/enrollment/v1/events.proto",
            "sello/enrollment/v1/service.proto",
            "sello/messaging/v1/events.proto",
            "sello/messaging/v1/service.proto",
            "sello/stamping/v1/events.proto",
            "sello/stamping/v1/service.proto",
            "sello/wallet_pass/v1/events.proto",
            "sello/wallet_pass/v1/service.proto",
        ],
        ["../../proto"],
    )?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
