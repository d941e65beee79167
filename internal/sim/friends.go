package sim

import "fmt"

// The codes of §2.3 for how a friendship stands.
const (
	stateBothDeleted     = 0
	stateNormal          = 1
	stateCustomerDeleted = 2
	stateMemberDeleted   = 3
	flagCustomerDeleted  = 2049
	flagNormal           = 2057
)

// Unfriend ends the friendship of a robot and a customer from one side: the customer's, else the robot's. The platform
// tells nobody; messages of the robot end with sendStatus 2 from then on. Ended from both sides, the customer's state
// is 0 (§2.3).
func (s *Server) Unfriend(robot, person string, byCustomer bool) (err error) {
	s.world.with(func(r *realm) { err = r.unfriend(robot, person, byCustomer) })
	return err
}

func (r *realm) unfriend(robot, person string, byCustomer bool) error {
	b, err := r.robot(robot)
	if err != nil {
		return err
	}
	p, err := r.person(person)
	if err != nil {
		return err
	}
	key := pair{b.Key, p.ID}
	if f := r.friends[key]; f != nil {
		delete(r.friends, key)
		r.former[key] = f
	}
	f := r.former[key]
	if f == nil {
		return fmt.Errorf("unfriend: %s is no customer of %s", p.Name, b.NickName)
	}
	f.ended.byCustomer = f.ended.byCustomer || byCustomer
	f.ended.byRobot = f.ended.byRobot || !byCustomer
	return nil
}

// state is how a friendship stands (§2.3).
func (f *friendship) state() int {
	switch f.ended {
	case ending{}:
		return stateNormal
	case ending{byCustomer: true}:
		return stateCustomerDeleted
	case ending{byRobot: true}:
		return stateMemberDeleted
	default:
		return stateBothDeleted
	}
}

func (f *friendship) flag() int {
	if f.ended.byCustomer {
		return flagCustomerDeleted
	}
	return flagNormal
}

// everFriend is a friendship that is or was.
func (r *realm) everFriend(robotKey, person string) *friendship {
	key := pair{robotKey, person}
	if f := r.friends[key]; f != nil {
		return f
	}
	return r.former[key]
}
