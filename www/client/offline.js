// Registers the service worker, and offers a new version of the site when one has been fetched.
export function keepOffline(worker) {
  if (!("serviceWorker" in navigator) || !/^https?:$/.test(location.protocol)) return;
  addEventListener("load", async () => {
    let registration;
    try {
      registration = await navigator.serviceWorker.register(worker);
    } catch {
      // Not every host allows it; the site then works as long as the network does.
      return;
    }
    if (!registration) return;
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      coming?.addEventListener("statechange", () => {
        if (coming.state === "installed" && navigator.serviceWorker.controller) offer(coming);
      });
    });
  });
}

function offer(worker) {
  const bar = document.createElement("div");
  bar.className = "update";
  bar.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Reload";
  button.addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage("take-over");
  });
  bar.append("This site has a new version. ", button);
  document.body.append(bar);
}
