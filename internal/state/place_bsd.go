//go:build unix && !linux

package state

// networkSystem names the network file system that a folder lies on; "" = none, or
// it is not known how to tell here.
func networkSystem(string) string { return "" }
