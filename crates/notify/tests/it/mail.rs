use tidewatch_notify::channel::{Channel, Mail, MailServer, MailTls};
use tidewatch_testkit::Authority;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::channels::a_message;

/// Takes one mail and answers as a server does; gives what it was told.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, greets: bool) -> String {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.write_all(b"220 mail.test ESMTP\r\n").await.unwrap();
    }
    let mut told = String::new();
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return told;
        }
        told.push_str(&line);
        let answer: &[u8] = if in_data {
            if line != ".\r\n" {
                continue;
            }
            in_data = false;
            b"250 taken\r\n"
        } else {
            match line.split([' ', '\r']).next().unwrap_or_default() {
                "EHLO" => b"250-mail.test\r\n250 AUTH PLAIN\r\n",
                "AUTH" => b"235 welcome\r\n",
                "DATA" => {
                    in_data = true;
                    b"354 go on\r\n"
                }
                "QUIT" => return told,
                _ => b"250 ok\r\n",
            }
        };
        stream.write_all(answer).await.unwrap();
        if told.ends_with(".\r\n") && !in_data && answer.starts_with(b"250 taken") {
            return told;
        }
    }
}

fn settings(port: u16, tls: MailTls, authority: Option<Vec<u8>>) -> MailServer {
    MailServer {
        host: "localhost".to_owned(),
        port: Some(port),
        tls,
        authority,
    }
}

#[tokio::test]
async fn a_mail_has_the_text_the_json_and_an_id_that_repeats_share() {
    let authority = Authority::root();
    let tls = authority.leaf(&["localhost"]).issue().serve();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(tls.config());
        let stream = acceptor.accept(stream).await.unwrap();
        let _ = sender.send(serve(stream, true).await);
    });
    let pem = authority.certificate_pem().into_bytes();
    let mail = Mail::new(
        "m",
        &settings(port, MailTls::Implicit, Some(pem)),
        Some(("user".to_owned(), "password".to_owned())),
        "Tidewatch <tidewatch@example.com>",
        &["on-call@example.com".to_owned()],
    )
    .unwrap();
    let message = a_message().await;
    assert_eq!(mail.send(std::slice::from_ref(&message)).await, [Ok(())]);
    let told = receiver.await.unwrap();
    for part in [
        "MAIL FROM:<tidewatch@example.com>",
        "RCPT TO:<on-call@example.com>",
        "Subject: [CRITICAL] DOWN acme/shop since 07:00 UTC",
        &format!("<{}@example.com>", message.dedupe_id()),
        "DOWN acme/shop since 07:00 UTC",
        "alert.json",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_gets_nothing() {
    let tls = Authority::root().leaf(&["localhost"]).issue().serve();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(tls.config());
        // It fails, which is what the test wants.
        let _ = acceptor.accept(stream).await;
    });
    let other = Authority::root().certificate_pem().into_bytes();
    let mail = Mail::new(
        "m",
        &settings(port, MailTls::Implicit, Some(other)),
        None,
        "a@example.com",
        &["b@example.com".to_owned()],
    )
    .unwrap();
    assert!(mail.send(&[a_message().await]).await[0].is_err());
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = sender.send(serve(stream, true).await);
    });
    let mail = Mail::new(
        "m",
        &settings(port, MailTls::StartTls, None),
        None,
        "a@example.com",
        &["b@example.com".to_owned()],
    )
    .unwrap();
    assert!(mail.send(&[a_message().await]).await[0].is_err());
    drop(mail);
    let told = receiver.await.unwrap();
    assert!(!told.contains("MAIL FROM"), "{told}");
    assert!(told.contains("EHLO"), "{told}");
}
