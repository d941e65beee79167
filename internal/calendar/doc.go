// Package calendar owns time as people write it: schedules (cron, every so often),
// dates, and which days people work on. Everything in it is pure: no clock is read.
//
// It refuses to know what is to happen at a time, and how a mistake is told.
package calendar
