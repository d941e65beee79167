// Package terminal owns how lists look: tables whose columns stand in line for
// Chinese and emoji, JSON and CSV for programs, and the line that tells a person
// how far a long walk is. What people named themselves can neither steer the
// terminal nor become a formula in a spreadsheet.
//
// It refuses to know what is listed and where it came from, and speaks no
// language: every word it writes is handed in.
package terminal
