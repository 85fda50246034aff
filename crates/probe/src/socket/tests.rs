use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn pair() -> (Socket, TcpStream) {
    kernel::keep_stamping();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap());
    let (near, far) = tokio::join!(near, listener.accept());
    (Socket::new(near.unwrap()), far.unwrap().0)
}

/// What a process does that has no time to look at its sockets.
fn busy_for(length: Duration) {
    let begun = std::time::Instant::now();
    while begun.elapsed() < length {
        std::hint::spin_loop();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn bytes_came_when_they_came_and_not_when_they_were_read() {
    let (mut near, mut far) = pair().await;
    assert!(near.rtt().unwrap() > Duration::ZERO);
    assert_eq!((near.arrived(), near.next_arrived()), (None, None));

    let begun = Instant::now();
    far.write_all(b"ab").await.unwrap();
    near.stream.readable().await.unwrap();
    busy_for(Duration::from_millis(30));
    let looked = Instant::now();
    let first = near.next_arrived().unwrap();
    // One byte at a time: what is left is still noticed.
    assert_eq!(near.read_u8().await.unwrap(), b'a');
    let last = near.arrived().unwrap();
    assert_eq!(near.read_u8().await.unwrap(), b'b');
    for at in [first, last, near.arrived().unwrap()] {
        assert!(begun <= at && at < looked, "{:?}", at - begun);
    }
}

#[tokio::test]
async fn without_stamps_bytes_came_when_they_were_read() {
    let (mut near, mut far) = pair().await;
    near.stamped = false;
    far.write_all(b"a").await.unwrap();
    near.stream.readable().await.unwrap();
    let looked = Instant::now();
    assert_eq!(near.next_arrived(), None);
    assert_eq!(near.read_u8().await.unwrap(), b'a');
    assert!(near.arrived().unwrap() >= looked);
}

/// A short read says that the socket is empty, and must not hide what comes right after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_the_way() {
    const LENGTH: usize = 8 * 1024 * 1024;
    let (mut near, mut far) = pair().await;
    let sending = tokio::spawn(async move {
        let mut left = LENGTH;
        for size in [1, 700, 4_096, 1_448, 65_536, 3].into_iter().cycle() {
            let size = size.min(left);
            far.write_all(&vec![7; size]).await?;
            left -= size;
            if left == 0 {
                return far.shutdown().await;
            }
        }
        Ok(())
    });
    let mut read = Vec::new();
    near.read_to_end(&mut read).await.unwrap();
    sending.await.unwrap().unwrap();
    assert_eq!(read.len(), LENGTH);
}

#[tokio::test]
async fn the_end_moves_no_stamp() {
    let (mut near, mut far) = pair().await;
    far.write_all(b"a").await.unwrap();
    drop(far);
    assert_eq!(near.read_u8().await.unwrap(), b'a');
    let arrived = near.arrived();
    assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(near.arrived(), arrived);
    assert_eq!(near.next_arrived(), None);
}
