//! The application, asked from within: what one request asks for as several is answered like requests of their own, by
//! the same routes with the same access, quotas, limits and conditions. A route that is added is asked so without more
//! code.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_http::{Payload, Request};
use actix_service::IntoServiceFactory as _;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Service as _, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{App, Error, HttpMessage as _, HttpResponse};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use crate::Problem;

/// The application of one worker, made when it is first asked. It is `app_data` of the application that is served, and
/// not of itself.
#[derive(Clone)]
pub struct InProcess(Rc<Application>);

struct Application {
    make: Box<dyn Fn() -> LocalBoxFuture<'static, Result<Answers, ()>>>,
    made: OnceCell<Answers>,
}

type Answers = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, HttpResponse>>;

/// A request from within.
#[derive(Debug)]
pub struct Asked {
    /// Its method.
    pub method: Method,
    /// Its address: path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// From where the request came that it was asked in: it counts as that network's.
    pub peer_addr: Option<SocketAddr>,
}

/// In the extensions of a request from within. It reaches only routes that know by a token who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within;

impl InProcess {
    /// What `make` makes.
    pub(crate) fn new<T, B>(make: impl Fn() -> App<T> + 'static) -> Self
    where
        T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
            + 'static,
        T::Service: 'static,
        T::Future: 'static,
        B: MessageBody + 'static,
    {
        let make = move || {
            let service = make().into_factory().new_service(AppConfig::default());
            async move {
                let service = Rc::new(service.await?);
                let answers: Answers = Rc::new(move |request| {
                    let service = Rc::clone(&service);
                    async move {
                        match service.call(request).await {
                            Ok(response) => response.into_parts().1.map_into_boxed_body(),
                            Err(error) => error.error_response(),
                        }
                    }
                    .boxed_local()
                });
                Ok(answers)
            }
            .boxed_local()
        };
        Self(Rc::new(Application { make: Box::new(make), made: OnceCell::new() }))
    }

    /// What the application answers.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn answer(&self, asked: Asked) -> Result<HttpResponse, Problem> {
        let Application { make, made } = &*self.0;
        let answers = made.get_or_try_init(make).await;
        let answers = answers.map_err(|()| Problem::internal("the application cannot be made a second time"))?;
        let Asked { method, uri, headers, body, peer_addr } = asked;
        let mut request = Request::with_payload(Payload::from(body));
        let head = request.head_mut();
        (head.method, head.uri, head.headers, head.peer_addr) = (method, uri, headers, peer_addr);
        request.extensions_mut().insert(Within);
        Ok(answers(request).await)
    }
}
