/* The service worker of a kept book, registered only when a reader asks for it: the network first, the copy when it
 * does not answer. A page that came from the copy takes all it loads from the copy: editions are never mixed. */
"use strict";

importScripts("live/keep-store.js");

const ROOT = new URL(".", location.href).href;
const PATIENCE = 4000; // milliseconds that a server may take to begin its answer to a page
const store = keepStore(ROOT);
const offline = new Set(); // pages that came from the copy, by the id of their client

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(ROOT)) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else event.respondWith(part(event));
});

async function page(event) {
  try {
    const signal = AbortSignal.timeout(PATIENCE), answer = await fetch(event.request, { signal });
    event.waitUntil(store.renew().catch(() => {})); // tried again with the next page
    return answer;
  } catch (error) {
    const copy = await store.answer(event.request.url);
    if (!copy) throw error;
    offline.add(event.resultingClientId);
    return copy;
  }
}

async function part(event) {
  const { request } = event;
  if (offline.has(event.clientId)) return (await store.answer(request.url)) || fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await store.answer(request.url);
    if (!copy) throw error;
    return copy;
  }
}
