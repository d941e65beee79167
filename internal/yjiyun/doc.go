// Package yjiyun is the platform's vocabulary: it turns the frames of the event
// road (§3.2, §3.3, §3.8, §3.22 and the results of §3) into events, and the
// commands of the outbox into the frames that carry them out.
//
// It owns the wire types: how an id, a number and a text may be spelt, and the
// few places where the platform's document lost a command and a name had to be
// inferred. It refuses to know how a frame travels (that is socket), how a
// request is answered (that is rest), and what any rule makes of an event.
package yjiyun
