package expression

// IsField says whether a name under a scope of facts is one that comes with the
// event, such as chat.name, and no fact.
func IsField(scope, name string) bool {
	_, ok := fieldsOf(roots[scope].typ)[name]
	return ok
}
