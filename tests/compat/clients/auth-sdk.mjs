// @saleor/auth-sdk as the public storefront uses it: a browser's client, a server's client, log-in by others.
import { createSaleorAuthClient, SaleorExternalAuth } from "@saleor/auth-sdk";
import { getNextServerCookiesStorageAsync } from "@saleor/auth-sdk/next/server";
import { jar } from "next/headers";
import { Storage, tell, watch } from "./telling.mjs";

const ME = "query Me { me { email } }";

const body = (query) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query }),
});

// The client, and how to ask it who is logged in.
function open({ url, kept, ...more }) {
  const storage = new Storage(kept);
  const client = createSaleorAuthClient({
    saleorApiUrl: url,
    refreshTokenStorage: storage,
    accessTokenStorage: storage,
    ...more,
  });
  const me = async (where = url, third) => {
    const answer = await client.fetchWithAuth(where, body(ME), third);
    const { data, errors } = await answer.json();
    return errors ? errors.map((error) => error.extensions.exception.code) : data.me?.email ?? null;
  };
  return { client, me, storage };
}

await tell({
  async signIn({ url, email, password }) {
    const { client, me, storage } = open({ url });
    const { data } = await client.signIn({ email, password });
    return { errors: data.tokenCreate.errors, token: !!data.tokenCreate.token, me: await me(), kept: storage };
  },

  // A later visit: only what was kept is known.
  async visit({ url, kept }) {
    const sent = watch();
    const { me, storage } = open({ url, kept });
    return { me: await Promise.all([me(), me(), me()]), sent, kept: storage };
  },

  // The same shop by another address: the token stays at home, unless the caller insists.
  async elsewhere({ url, other, kept }) {
    const sent = watch();
    const { me } = open({ url, kept });
    return { me: [await me(other), await me(other, { allowPassingTokenToThirdPartyDomains: true })], sent };
  },

  async signOut({ url, kept }) {
    const { client, me, storage } = open({ url, kept });
    const before = await me();
    client.signOut();
    return { me: [before, await me()], kept: storage };
  },

  async resetPassword({ url, email, token, password }) {
    const { client, me, storage } = open({ url });
    const { data } = await client.resetPassword({ email, token, password });
    return { errors: data.setPassword.errors, me: await me(), kept: storage };
  },

  // In a server action of Next.js: both tokens are cookies of the visitor.
  async cookies({ url, email, password }) {
    const storage = await getNextServerCookiesStorageAsync({ secure: false });
    const client = createSaleorAuthClient({ saleorApiUrl: url, refreshTokenStorage: storage, accessTokenStorage: storage });
    await client.signIn({ email, password }, { cache: "no-store" });
    const answer = await client.fetchWithAuth(url, body(ME));
    return { me: (await answer.json()).data.me, cookies: Object.fromEntries(jar) };
  },

  async external({ url }) {
    const auth = new SaleorExternalAuth(url, "mirumee.authentication.openidconnect");
    const began = await auth.initiate({ redirectURL: "http://localhost:3000/back" }).catch((error) => ({
      name: error.name,
      errors: error.errorResponse.errors,
    }));
    return { began, ended: await auth.obtainAccessToken({ code: "code", state: "state" }) };
  },
});
