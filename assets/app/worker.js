// Stands between an installed app and its server for one thing: to show a plain line when the server is away. It keeps
// that one page and nothing else, so that no script or figure on the screen can ever be an old one.
"use strict";

const KEPT = "tlvsft-offline";
const PAGE = "tlvsft/offline"; // from here, so that it also works below a proxy's path

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(KEPT);
    await cache.add(new Request(PAGE, { cache: "reload" }));
    await self.skipWaiting();
  };
  // The poll asks every 0.4 s: where the browser can be told, only pages come by here at all.
  const passBy = async () => {
    try {
      await event.addRoutes?.({ condition: { not: { requestMode: "navigate" } }, source: "network" });
    } catch {
      // It doesn't know this condition: everything comes by, and is let through below.
    }
  };
  event.waitUntil(Promise.all([keep(), passBy()]));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  const kept = async () => (await (await caches.open(KEPT)).match(PAGE)) ?? Response.error();
  event.respondWith(fetch(event.request).catch(kept));
});
