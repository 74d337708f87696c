// @saleor/sdk as a single-page shop uses it, on the Apollo client that it asks for.
import { createRequire } from "node:module";
import { pause, Storage, tell } from "./telling.mjs";

// It looks for the browser's storage when it is loaded.
globalThis.localStorage = new Storage();
globalThis.window = { localStorage };
const { createSaleorClient } = createRequire(import.meta.url)("@saleor/sdk");

const CHANNEL = "default-channel";

const open = ({ url, kept = {}, fetchOpts, autologin = true }) => {
  for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value);
  return createSaleorClient({ apiUrl: url, channel: CHANNEL, opts: { autologin, fetchOpts } });
};

// Without what Apollo adds and without what is made up anew each time.
const plain = (value) =>
  JSON.parse(JSON.stringify(value, (key, inner) => (["__typename", "id"].includes(key) ? undefined : inner)));

const errors = ({ data }) => Object.values(data)[0].errors.map(({ field, code }) => [field, code]);

await tell({
  async register({ url, email, password }) {
    const { auth } = open({ url });
    const redirectUrl = "http://localhost:3000/confirm";
    const made = await auth.register({ email, password, redirectUrl, channel: CHANNEL });
    const early = await auth.login({ email, password });
    return { made: plain(made.data.accountRegister), early: errors(early) };
  },

  async confirm({ url, email, token, password }) {
    const { user, auth, getState } = open({ url });
    const wrong = await user.confirmAccount({ email, token: "none" });
    const right = await user.confirmAccount({ email, token });
    const refused = await auth.login({ email, password: "another one" });
    const brief = await auth.login({ email, password, includeDetails: false });
    const whole = await auth.login({ email, password });
    return {
      wrong: errors(wrong),
      right: errors(right),
      refused: errors(refused),
      brief: plain(brief.data.tokenCreate.user),
      whole: plain(whole.data.tokenCreate.user),
      state: plain(getState()),
      kept: Object.keys(localStorage.toJSON()),
    };
  },

  async sessions({ url, email, password }) {
    const first = open({ url });
    await first.auth.login({ email, password });
    const verified = await first.auth.verifyToken();
    const refreshed = await first.auth.refreshToken(true);
    const kept = localStorage.toJSON();
    // The page is loaded again: the client logs itself in.
    const second = open({ url, kept });
    const again = await second.auth.refreshToken(true);
    await second.auth.logout();
    return {
      verified: plain({ ...verified.data.tokenVerify, payload: Object.keys(verified.data.tokenVerify.payload).sort() }),
      refreshed: refreshed.data.tokenRefresh.user.email,
      again: again.data.tokenRefresh.user.email,
      state: second.getState(),
      kept: localStorage,
    };
  },

  // An access token that will soon end is changed for another beforehand, an ended one once the shop has said so.
  async expiry({ url, email, password, early }) {
    const fetchOpts = { autoTokenRefresh: early, tokenRefreshTimeSkew: 600, refreshOnUnauthorized: !early };
    const { auth, user } = open({ url, fetchOpts });
    await auth.login({ email, password });
    if (!early) await pause();
    const changed = await user.updateAccount({ input: { firstName: "Later" } });
    return { errors: errors(changed), firstName: changed.data.accountUpdate.user.firstName };
  },

  async account({ url, email, password, address }) {
    const { auth, user } = open({ url });
    await auth.login({ email, password });
    const named = await user.updateAccount({ input: { firstName: "Example", lastName: "Shopper" } });
    const first = await user.createAccountAddress({ input: address });
    const id = first.data.accountAddressCreate.address.id;
    const preferred = await user.setAccountDefaultAddress({ id, type: "BILLING" });
    const moved = await user.updateAccountAddress({ id, input: { ...address, city: "Another Town" } });
    const wrong = await user.updateAccountAddress({ id, input: { ...address, city: "" } });
    const dropped = await user.deleteAccountAddress(id);
    const gone = await user.deleteAccountAddress(id);
    const { data } = named;
    return {
      named: [data.accountUpdate.user.firstName, data.accountUpdate.user.lastName],
      made: plain(first.data.accountAddressCreate.address),
      preferred: !!preferred.data.accountSetDefaultAddress.user.defaultBillingAddress,
      moved: moved.data.accountAddressUpdate.address.city,
      wrong: errors(wrong),
      dropped: dropped.data.accountAddressDelete.user.addresses,
      gone: errors(gone),
    };
  },

  async changePassword({ url, email, password, another }) {
    const { auth } = open({ url });
    await auth.login({ email, password });
    const wrong = await auth.changePassword({ oldPassword: "not it", newPassword: another });
    const right = await auth.changePassword({ oldPassword: password, newPassword: another });
    const old = await auth.login({ email, password });
    const fresh = await auth.login({ email, password: another });
    return { wrong: errors(wrong), right: errors(right), old: errors(old), fresh: errors(fresh) };
  },

  // Three people ask for the three kinds of mail with a link.
  async requests({ url, forgetful, mover, newEmail, leaver, password }) {
    const { auth, user } = open({ url });
    const redirectUrl = "http://localhost:3000/reset";
    const forgot = await auth.requestPasswordReset({ email: forgetful, redirectUrl, channel: CHANNEL });
    await auth.login({ email: mover, password });
    const moving = await user.requestEmailChange({ newEmail, password, redirectUrl: "http://localhost:3000/move" });
    await auth.login({ email: leaver, password });
    const leaving = await user.accountRequestDeletion("http://localhost:3000/leave");
    return { forgot: errors(forgot), moving: errors(moving), leaving: errors(leaving) };
  },

  async links({ url, forgetful, reset, mover, move, leaver, leave, password, another }) {
    const { auth, user } = open({ url });
    const chosen = await auth.setPassword({ email: forgetful, token: reset, password: another });
    const twice = await auth.setPassword({ email: forgetful, token: reset, password });
    await auth.login({ email: mover, password });
    const stranger = await user.accountDelete(leave);
    await auth.login({ email: mover, password });
    const moved = await user.confirmEmailChange(move);
    await auth.login({ email: leaver, password });
    const left = await user.accountDelete(leave);
    const closed = await auth.login({ email: leaver, password });
    return {
      chosen: [errors(chosen), chosen.data.setPassword.user.email],
      twice: errors(twice),
      stranger: errors(stranger),
      moved: [errors(moved), moved.data.confirmEmailChange.user?.email],
      left: [errors(left), left.data.accountDelete.user?.email],
      closed: errors(closed),
    };
  },

  async external({ url }) {
    const { auth } = open({ url });
    const pluginId = "mirumee.authentication.openidconnect";
    const began = await auth.getExternalAuthUrl({ pluginId, input: JSON.stringify({ redirectUri: "http://localhost:3000" }) });
    const ended = await auth.getExternalAccessToken({ pluginId, input: JSON.stringify({ code: "code", state: "state" }) });
    // Somebody whom another provider had logged in, as far as the client knows.
    const refreshToken = ["{}", JSON.stringify({ owner: pluginId }), ""].map((part) => Buffer.from(part).toString("base64url"));
    const kept = { _saleorAuthPluginId: pluginId, _saleorRefreshToken: refreshToken.join(".") };
    const later = open({ url, kept }).auth;
    const [verified, refreshed, out] = await Promise.all([
      later.verifyExternalToken(),
      later.refreshExternalToken(true),
      later.logout({ input: "{}" }),
    ]);
    return {
      began: errors(began),
      ended: errors(ended),
      verified: [verified.data.externalVerify.isValid, errors(verified)],
      refreshed: errors(refreshed),
      out: errors(out),
      kept: localStorage,
    };
  },
});
