// Package sim is the robot platform, simulated: a real Socket.IO (Engine.IO 3 and 4) and REST server on loopback with
// robots, groups, customers, tags, chat history, scripted people and scripted faults, and a ledger of what people would
// have seen.
//
// It owns the other side of the wire as the platform's document describes it: what is documented is answered, what is
// not is refused, and commands of one robot that overlap go wrong as they do there. It refuses to know anything about
// rules, decisions, the outbox or how a client of it is built: it shares no assumption with the engine it is used to
// judge, and it never dedupes, retries or buffers on the engine's behalf.
package sim
