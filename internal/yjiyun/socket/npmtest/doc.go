// Package npmtest is test support: it runs the Socket.IO servers that the npm
// package socket.io provides, so that a client meets the real thing. They do
// what a test tells them, as a platform of very few words.
//
// It owns the pinned versions and their installation, once per version of the
// lock file, in the user's cache directory. It refuses to know what the events
// mean. Without node and npm tests are skipped, saying why; where the
// environment variable CI is set, they fail instead.
package npmtest
