//! A name server that answers what a test says.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData, Record};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Whoever asks may remember answers for so long.
const SECONDS: u32 = 3_600;

/// What is answered to whatever is asked.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// These services: hosts and ports.
    Services(&'static [(&'static str, u16)]),
    NoSuchName,
    Failure,
    Garbage,
    Nothing,
}

/// The name server; it ends with the test.
pub(super) struct NameServer {
    address: SocketAddr,
    says: Arc<Mutex<Says>>,
    serving: JoinHandle<()>,
}

impl NameServer {
    pub(super) async fn start(says: Says) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (address, says) = (socket.local_addr().unwrap(), Arc::new(Mutex::new(says)));
        let serving = tokio::spawn(serve(socket, Arc::clone(&says)));
        Self { address, says, serving }
    }

    pub(super) fn now_says(&self, says: Says) {
        *self.says.lock() = says;
    }

    /// What asks it, and nobody else.
    pub(super) fn asked(&self) -> ResolverBuilder<TokioRuntimeProvider> {
        let mut server = NameServerConfig::udp(self.address.ip());
        server.connections[0].port = self.address.port();
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, says: Arc<Mutex<Says>>) {
    let mut packet = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut packet).await {
        let question = Message::from_vec(&packet[..length]).unwrap();
        let says = says.lock().clone();
        let answer = match says {
            Says::Services(services) => services_of(&question, services).to_vec().unwrap(),
            Says::NoSuchName => no(&question, ResponseCode::NXDomain),
            Says::Failure => no(&question, ResponseCode::ServFail),
            Says::Garbage => b"this is no DNS".to_vec(),
            Says::Nothing => continue,
        };
        socket.send_to(&answer, peer).await.unwrap();
    }
}

fn answer_to(question: &Message) -> Message {
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.add_queries(question.queries.clone());
    answer
}

fn services_of(question: &Message, services: &[(&str, u16)]) -> Message {
    let mut answer = answer_to(question);
    for (host, port) in services {
        let service = SRV::new(0, 0, *port, Name::from_ascii(host).unwrap());
        let name = question.queries[0].name().clone();
        answer.add_answer(Record::from_rdata(name, SECONDS, RData::SRV(service)));
    }
    answer
}

fn no(question: &Message, code: ResponseCode) -> Vec<u8> {
    let mut answer = answer_to(question);
    answer.metadata.response_code = code;
    answer.to_vec().unwrap()
}
