// A Socket.IO server for tests: node server.js '{"version":"4","port":0,…}'.
// Told on stdin and telling on stdout, one JSON object a line. Events go in and
// out as the text of their packet's payload, because JavaScript cannot hold a
// 64-bit number.
'use strict';

const config = JSON.parse(process.argv[2]);
const http = require('http').createServer();
const library = require('socket.io-' + config.version);
const io = library.Server ? new library.Server(http, config.options) : library(http, config.options);
const namespace = io.of(config.namespace);
const sockets = new Set();

const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const send = (socket, payload) => socket.conn.write('2' + config.namespace + ',' + payload);

namespace.use((socket, next) => {
  if (!config.refuse || socket.handshake.query.token !== config.refuse) return next();
  const refusal = new Error('token refused');
  refusal.data = { code: '401' };
  next(refusal);
});

namespace.on('connection', (socket) => {
  sockets.add(socket);
  tell({ connected: { query: socket.handshake.query } });
  socket.on('disconnect', (reason) => {
    sockets.delete(socket);
    tell({ disconnected: reason });
  });
  config.welcome.forEach((payload) => send(socket, payload));
});

io.engine.on('connection', (connection) => {
  connection.on('packet', (packet) => {
    if (packet.type === 'message') tell({ packet: packet.data });
  });
});

const commands = {
  send: (payload) => sockets.forEach((socket) => send(socket, payload)),
  kick: () => sockets.forEach((socket) => socket.disconnect(true)),
};

require('readline').createInterface({ input: process.stdin })
  .on('line', (line) => Object.entries(JSON.parse(line)).forEach(([name, value]) => commands[name](value)))
  .on('close', () => process.exit(0)); // the test is gone

http.listen(config.port, '127.0.0.1', () => tell({ listening: http.address().port }));
