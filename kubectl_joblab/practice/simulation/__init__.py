"""A Job played through in virtual time: the real controllers and kubelet, and no container."""
