//! HTTP/2 in frames written by hand: no indexing, no Huffman codes.

use super::*;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// `:method GET`, `:scheme http`, `:path`, `:authority`.
fn request(path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    block.extend_from_slice(path.as_bytes());
    block.extend_from_slice(&[0x01, 1, b'a']);
    block
}

/// The payload of the next frame of `kind`.
async fn next(stream: &mut TcpStream, kind: u8) -> Vec<u8> {
    loop {
        let mut head = [0; 9];
        timeout(PATIENCE, stream.read_exact(&mut head)).await.expect("no frame").expect("closed");
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        if head[3] == kind {
            return payload;
        }
    }
}

#[tokio::test]
async fn http2_is_served_in_clear_text_and_closed_when_idle() {
    let server = start(short()).await;
    let mut stream = server.sent([PREFACE, &frame(1, 5, 1, &request("/v1/things/1"))].concat()).await;
    assert_eq!(next(&mut stream, 1).await[0], 0x88, ":status 200");
    assert_eq!(next(&mut stream, 0).await, br#"{"name":"1"}"#);
    let time = closed(stream).await;
    assert!(time < short().idle + Duration::from_secs(2), "{time:?}");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut() {
    let server = start(short()).await;
    // HEADERS without END_HEADERS: nothing else may come before its end.
    let stream = server.sent([PREFACE, &frame(1, 1, 1, &request("/v1/things/1"))].concat()).await;
    assert_took(closed(stream).await, short().first_request, "half a header block");
}
