// What a developer writes in an afternoon: a Node server that looks a conversation up and trims it. It keeps the key and the
// payload's shape, and has no retries, budget, sharing, time-outs or tolerance.
import http from "node:http";

const [url, upstream] = process.argv.slice(2).map((text) => new URL(text));
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const route = /^\/api\/conversations\/([0-9a-f-]{36})$/;

function fail(response, status, code) {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ status, code }));
}

function trim(body, retrievedAt) {
  const seconds = Math.max(0, body.chatWindowRemainingTime ?? 0);
  const iso = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    id: body.id,
    contactName: body.contact?.name ?? "",
    contactPhoneNumber: body.contact?.phoneNumber ? `+${body.contact.phoneNumber}` : "",
    businessPhoneNumber: body.whatsappNumber?.number ? `+${body.whatsappNumber.number}` : "",
    isSandbox: body.whatsappNumber?.isSandbox ?? false,
    hasAgent: body.activeAgent !== null,
    agentId: body.activeAgent?.id ?? "",
    agentName: body.activeAgent?.name ?? "",
    handledBy: body.isHumanTakeover ? "human" : body.routing ?? "none",
    isActive: body.active,
    isHumanTakeover: body.isHumanTakeover,
    replyWindowIsOpen: seconds > 0,
    replyWindowSecondsLeft: seconds,
    replyWindowClosesAt: iso(retrievedAt + seconds * 1000),
    hasLastMessage: body.lastMessage !== null,
    lastMessageText: body.lastMessage?.body ?? "",
    lastMessageRole: body.lastMessage?.role ?? "",
    lastMessageType: body.lastMessage?.type ?? "",
    lastMessageAt: body.lastMessage ? iso(body.lastMessage.createdAt) : undefined,
    retrievedAt: iso(retrievedAt),
  };
}

http
  .createServer((request, response) => {
    const id = route.exec(request.url)?.[1];
    if (!id) return fail(response, 404, "route_not_found");
    const asked = http.request(
      { agent, host: upstream.hostname, port: upstream.port, path: `/api/v1/conversations/${id}/`, headers: { "X-API-Key": "load-key" } },
      (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => {
          try {
            const body = JSON.stringify(trim(JSON.parse(Buffer.concat(chunks)), Date.now()));
            response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) });
            response.end(body);
          } catch {
            fail(response, 502, "upstream_invalid_response");
          }
        });
      },
    );
    asked.on("error", () => fail(response, 502, "upstream_unavailable"));
    asked.end();
  })
  .listen(Number(url.port), url.hostname);
