// DEVELOPMENT TOOL: a stand-in for Stripe.js, served by Waymeet's Stripe emulator. It does what our pages need and no
// more: confirm a payment or a setup with a card, and show the bank's challenge. Real pages load https://js.stripe.com/v3/.
(() => {
  "use strict";
  const base = "__EMULATOR__";

  const flatten = (value, name = "", out = new URLSearchParams()) => {
    if (value && typeof value === "object") for (const [k, v] of Object.entries(value)) flatten(v, name ? `${name}[${k}]` : k, out);
    else if (value !== undefined && value !== null) out.append(name, String(value));
    return out;
  };

  // A card field: labelled inputs of the page's own document, so that it can be tabbed, read aloud and tested.
  class CardElement {
    mount(target) {
      const at = typeof target === "string" ? document.querySelector(target) : target;
      const field = (name, label, autocomplete, placeholder) => {
        const l = document.createElement("label");
        l.textContent = label;
        const i = document.createElement("input");
        Object.assign(i, { name, autocomplete, placeholder, inputMode: "numeric" });
        l.append(i);
        return l;
      };
      const note = document.createElement("p");
      note.textContent = "Stripe emulator: test cards only. No money moves.";
      this.root = document.createElement("div");
      this.root.className = "StripeEmulatorCard";
      this.root.append(note, field("cardnumber", "Card number", "cc-number", "4242 4242 4242 4242"),
        field("exp-date", "Expiry (MM/YY)", "cc-exp", "12/34"), field("cvc", "Security code", "cc-csc", "123"));
      at.replaceChildren(this.root);
    }
    get details() {
      const value = (name) => this.root.querySelector(`[name="${name}"]`).value.trim();
      const [month = "", year = ""] = value("exp-date").split("/").map((s) => s.trim());
      return { number: value("cardnumber"), exp_month: month, exp_year: year, cvc: value("cvc") };
    }
    on() { return this; }
    update() {}
    focus() { this.root?.querySelector("input")?.focus(); }
    clear() { this.root?.querySelectorAll("input").forEach((i) => { i.value = ""; }); }
    unmount() { this.root?.remove(); }
    destroy() { this.unmount(); }
  }

  // The bank's page in a dialog; resolves when it was answered or closed.
  const challenge = (url) => new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Your bank's confirmation (Stripe emulator)");
    const frame = document.createElement("iframe");
    Object.assign(frame, { src: url, title: "Your bank's confirmation (Stripe emulator)" });
    frame.style.cssText = "border:0;width:min(90vw,30rem);height:min(80vh,28rem)";
    const heard = (e) => { if (e.origin === base && e.source === frame.contentWindow && e.data?.stripeEmulator === "challenge-done") dialog.close(); };
    window.addEventListener("message", heard);
    dialog.addEventListener("close", () => { window.removeEventListener("message", heard); dialog.remove(); resolve(); });
    dialog.append(frame);
    document.body.append(dialog);
    dialog.showModal();
  });

  window.Stripe = (publishableKey) => {
    const call = async (method, path, params) => {
      const form = flatten(params);
      const res = await fetch(base + path + (method === "GET" ? `?${form}` : ""), {
        method, headers: { Authorization: `Bearer ${publishableKey}` }, body: method === "GET" ? undefined : form,
      });
      const body = await res.json();
      return res.ok ? { intent: body } : { error: body.error };
    };
    const id = (secret) => secret.split("_secret_")[0];
    const methodParams = (pm) => {
      if (!pm) return {};
      if (typeof pm === "string") return { payment_method: pm };
      const card = pm.card instanceof CardElement ? pm.card.details : pm.card;
      return { payment_method_data: { type: "card", card } };
    };
    const confirm = (kind, name, lastError) => async (secret, data = {}, options = {}) => {
      const path = `/v1/${kind}/${id(secret)}`;
      const card = data.payment_method ?? (data.card && { card: data.card });
      let r = await call("POST", `${path}/confirm`, { client_secret: secret, return_url: data.return_url, ...methodParams(card) });
      if (r.error) return { error: r.error };
      if (r.intent.status === "requires_action" && options.handleActions !== false) {
        const next = r.intent.next_action;
        await challenge(next.redirect_to_url?.url ?? next.use_stripe_sdk.stripe_js);
        r = await call("GET", path, { client_secret: secret });
        if (r.error) return { error: r.error };
        if (r.intent[lastError]) return { error: { ...r.intent[lastError], [kind.slice(0, -1)]: r.intent } };
      }
      return { [name]: r.intent };
    };
    const retrieve = (kind, name) => async (secret) => {
      const r = await call("GET", `/v1/${kind}/${id(secret)}`, { client_secret: secret });
      return r.error ? { error: r.error } : { [name]: r.intent };
    };
    return {
      elements: () => ({ create: () => new CardElement() }),
      confirmCardPayment: confirm("payment_intents", "paymentIntent", "last_payment_error"),
      confirmCardSetup: confirm("setup_intents", "setupIntent", "last_setup_error"),
      retrievePaymentIntent: retrieve("payment_intents", "paymentIntent"),
      retrieveSetupIntent: retrieve("setup_intents", "setupIntent"),
    };
  };
})();
