// Package catchup owns that nothing is lost: the socket is a hint, the history is
// the log. After every start, reconnection, suspension or doubt, and now and then
// while all seems well, it reads the chat history of an account (§2.10, §2.11) from
// where everything was surely taken in, and hands what it finds to line 1, oldest
// first, where the dedupe keys leave only what is news. It compares lists of members
// (§2.6) for who joined unheard, and asks what became of messages whose echo came.
//
// It refuses to know what events mean. Nothing of it decides whether something is
// sent: it asks, and reports.
package catchup
