// Streams with the vendor's JavaScript client, as it is: BASE KEY TOPICS COUNT. Prints COUNT events, one a line, after a login, and a
// line {"closed": true} when the connection ends.
import { websocketClient } from "@massive.com/client-js";

const [base, key, topics, count] = process.argv.slice(2);
const socket = websocketClient(key, base).stocks();
let left = Number(count);
const print = (x) => console.log(JSON.stringify(x));
socket.onerror = () => print({ error: true });
socket.onclose = () => {
  print({ closed: true });
  process.exit(0);
};
socket.onmessage = ({ data }) => {
  for (const event of JSON.parse(data)) {
    print(event);
    if (event.ev === "status") {
      if (event.status === "auth_success") socket.send(JSON.stringify({ action: "subscribe", params: topics }));
    } else if (--left === 0) {
      socket.send(JSON.stringify({ action: "unsubscribe", params: topics }));
      socket.close();
    }
  }
};
