// Package webcall owns what rules may say to other servers: to which hosts a call
// may go, which addresses are dialled for them, how long it may take and how much
// of the answer is read. It refuses to know what a call is for, and follows nobody
// to another place: no redirects, no proxy of the environment.
package webcall
