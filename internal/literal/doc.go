// Package literal owns finding many texts in one pass over another: which of tens
// of thousands of words occur in a message, and which words have to occur in it
// if a regular expression is to match.
//
// It works on bytes and knows no alphabet: what it finds is what strings.Contains
// would find, in texts that are no UTF-8 too. It refuses to know rules, folding
// and events.
package literal
