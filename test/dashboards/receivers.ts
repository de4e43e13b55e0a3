import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';

export interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly calls: Call[];
  /** Statuses of the next answers; afterwards 200. */
  readonly answers: number[];
}

/** A webhook's receiver on loopback. A 302 leads to `/elsewhere` of itself. */
export async function httpReceiver(): Promise<Receiver> {
  const [calls, answers]: [Call[], number[]] = [[], []];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    answers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Mail {
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly source: string;
}

export interface MailServer extends AsyncDisposable {
  readonly url: string;
  readonly mails: Mail[];
  /** Per recipient, the codes of the next answers to RCPT; afterwards 250. */
  readonly answers: Map<string, number[]>;
}

/** An SMTP server (RFC 5321) on loopback that keeps what it takes. */
export async function smtpServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const answers = new Map<string, number[]>();
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let [to, body, inData, rest]: [string[], string[], boolean, string] = [[], [], false, ''];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const command = (line: string): void => {
      if (/^EHLO/i.test(line)) return say('250 loopback');
      if (/^MAIL/i.test(line)) to = [];
      const recipient = /^RCPT TO:<(.*)>/i.exec(line)?.[1];
      if (recipient !== undefined) {
        const code = answers.get(recipient)?.shift() ?? 250;
        if (code === 250) to.push(recipient);
        return say(`${code} ${code === 250 ? 'ok' : 'not here'}`);
      }
      if (/^DATA/i.test(line)) {
        [inData, body] = [true, []];
        return say('354 go on');
      }
      say('250 ok');
      if (/^QUIT/i.test(line)) socket.end();
    };
    const dataLine = (line: string): void => {
      if (line !== '.') return void body.push(line.replace(/^\.\./, '.'));
      inData = false;
      mails.push({ to, source: body.join('\r\n') });
      say('250 taken');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) (inData ? dataLine : command)(line);
    });
    say('220 loopback ready');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}/?ignoreTLS=true`,
    mails,
    answers,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
