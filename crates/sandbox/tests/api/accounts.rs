//! Accounts, each with keys and users of its own, and the parts of the list of users.

use std::path::PathBuf;

use axum::{
    body::Body,
    http::{Method, Request},
};
use perse_protocol::{Code, field, route};
use perse_sandbox::{Account, Data};
use serde_json::{Value, json};

use crate::common::{Answer, Form, Sandbox, is_on_postgres, login, sample};

/// A server on a durable store, and the file of that, if it is one.
struct Shop {
    sandbox: Sandbox,
    file: Option<PathBuf>,
}

impl Shop {
    async fn open() -> Self {
        let file = (!is_on_postgres())
            .then(|| std::env::temp_dir().join(format!("perse-sandbox-{}.sqlite", uuid::Uuid::new_v4())));
        let data = file.clone().map(Data::File);
        Self { sandbox: Sandbox::with(|config| config.data = data).await, file }
    }

    /// A new key of an account, and its id.
    async fn key(&self, account: &str) -> (String, String) {
        let account: Account = account.parse().unwrap();
        let (id, key) = self.sandbox.admin().await.add_key(&account).await.unwrap();
        (id, key.reveal().to_owned())
    }

    /// A session token for a key, with these fields of the login.
    async fn token(&self, key: &str, fields: Value) -> String {
        let mut body = json!({ "privateKey": key });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = self.sandbox.send(login(&body.to_string())).await;
        answer.is_ok()["token"].as_str().unwrap().to_owned()
    }

    async fn send(&self, token: &str, mut request: Request<Body>) -> Answer {
        request.headers_mut().remove(route::API_KEY);
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        self.sandbox.send(request).await
    }

    async fn enrol(&self, token: &str) -> String {
        let answer = self.send(token, Form::image(&sample(1)).request(Method::POST, route::ENROLLMENT)).await;
        answer.is_ok()["user_token"].as_str().unwrap().to_owned()
    }

    async fn users(&self, token: &str) -> Value {
        self.send(token, get(route::ENROLLMENT_LIST)).await.is_ok()["user_tokens"].clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            if let Some(file) = &self.file {
                let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
            }
        }
    }
}

fn get(path: &str) -> Request<Body> {
    crate::common::request(Method::GET, path, Body::empty())
}

#[tokio::test]
async fn no_route_reaches_a_user_of_another_account() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("mine").await;
    let (_, other_key) = shop.key("theirs").await;
    let (mine, theirs) = (shop.token(&key, json!({})).await, shop.token(&other_key, json!({})).await);
    let user = shop.enrol(&mine).await;
    let image = sample(1);
    let with_user = |method, path| Form::image(&image).text(field::USER_TOKEN, &user).request(method, path);
    let compare = || with_user(Method::POST, route::COMPARE);
    let update = || with_user(Method::PUT, route::ENROLLMENT);
    let delete =
        || crate::common::request(Method::DELETE, &format!("{}/{user}", route::ENROLLMENT), Body::empty());

    // The answer to another account's token, also to one for that user alone, is that of a user who does not exist.
    let narrow = shop.token(&other_key, json!({ "userToken": user })).await;
    let default = shop.sandbox.token().await;
    for token in [&theirs, &narrow, &default] {
        shop.send(token, compare()).await.is(Code::NoFaceBiometricData);
        shop.send(token, update()).await.is(Code::ImageIdInvalid);
        shop.send(token, delete()).await.is(Code::UserTokenNotFound);
    }
    assert_eq!(shop.users(&theirs).await, json!([]));
    assert_eq!(shop.users(&default).await, json!([]));
    // The key itself in the older header opens its own account, too.
    let mut by_key = get(route::ENROLLMENT_LIST);
    by_key.headers_mut().insert(route::API_KEY, other_key.parse().unwrap());
    assert_eq!(shop.sandbox.send(by_key).await.is_ok()["user_tokens"], json!([]));

    assert_eq!(shop.users(&mine).await, json!([user]));
    shop.send(&mine, compare()).await.is_ok();
    shop.send(&mine, update()).await.is_ok();
    shop.send(&mine, delete()).await.is_ok();
}

#[tokio::test]
async fn a_repeated_enrolment_finds_the_user_of_its_own_account() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("mine").await;
    let (_, other_key) = shop.key("theirs").await;
    let image = sample(1);
    let enrol = async |key: &str| {
        let mut call = Form::image(&image).request(Method::POST, route::ENROLLMENT);
        call.headers_mut().insert(route::API_KEY, key.parse().unwrap());
        call.headers_mut().insert(route::IDEMPOTENCY_KEY, "one".parse().unwrap());
        shop.sandbox.send(call).await.is_ok()["user_token"].clone()
    };
    let first = enrol(&key).await;
    assert_ne!(enrol(&other_key).await, first);
    assert_eq!(enrol(&key).await, first);
}

#[tokio::test]
async fn a_key_is_replaced_without_a_restart() {
    let shop = Shop::open().await;
    let (id, old) = shop.key("mine").await;
    let token = shop.token(&old, json!({})).await;
    let user = shop.enrol(&token).await;
    let (_, new) = shop.key("mine").await;
    assert!(shop.sandbox.admin().await.revoke_key(&id).await.unwrap());
    // On both servers, where there are two.
    for _ in 0..2 {
        shop.sandbox.send(login(&json!({ "privateKey": old }).to_string())).await.is(Code::Unauthorized);
        let mut by_key = get(route::ENROLLMENT_LIST);
        by_key.headers_mut().insert(route::API_KEY, old.parse().unwrap());
        shop.sandbox.send(by_key).await.is(Code::Unauthorized);
    }
    let token = shop.token(&new, json!({})).await;
    assert_eq!(shop.users(&token).await, json!([user]));
}

#[tokio::test]
async fn a_list_of_users_has_parts() {
    let shop = Shop::open().await;
    let token = shop.sandbox.token().await;
    let mut users = Vec::new();
    for _ in 0..3 {
        users.push(shop.enrol(&token).await);
    }
    let part =
        async |query: &str| shop.send(&token, get(&format!("{}{query}", route::ENROLLMENT_LIST))).await;
    let first = part("?limit=2").await.is_ok().clone();
    assert_eq!((&first["user_tokens"], &first["total_users"]), (&json!(users[..2]), &json!(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = part(&format!("?limit=2&cursor={cursor}")).await.is_ok().clone();
    assert_eq!((&second["user_tokens"], &second["total_users"]), (&json!(users[2..]), &json!(3)));
    assert!(second.get("next_cursor").is_none());
    // The API's own list is whole, and has no cursor.
    let whole = part("").await.is_ok().clone();
    assert_eq!(whole["user_tokens"], json!(users));
    assert!(whole.get("next_cursor").is_none());
    for query in
        ["?limit=0", "?limit=1001", "?limit=-1", "?limit=two", "?limit=", "?cursor=x", "?limit=2&cursor="]
    {
        part(query).await.is(Code::InvalidRequest);
    }
}
