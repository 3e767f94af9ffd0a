//! Every bit of a few runs in one number each, to hold a browser against a native run.

use unrolled::session::Session;

/// Links, and what [`of`] says of them.
pub const RUNS: [(&str, u64); 4] = [
    ("", 0xac676f8965932911),
    ("rho=1.6&act=relu&T=100&H=32&lanes=rnn,lstm,gru~reset:after", 0xb01e8da0bb4a6229),
    ("data=sunspots&shape=many-to-many&init=orthogonal&T=60", 0xb4237c5324aaf7b7),
    ("precision=f32&init=identity&data=recall&rho=2", 0xf5a9c407c02d5202),
];

/// FNV-1a over the trace files of all lanes, which hold every number to the last bit.
pub fn of(session: &Session) -> u64 {
    (0..)
        .map_while(|lane| session.trace_file(lane).ok())
        .flat_map(String::into_bytes)
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
