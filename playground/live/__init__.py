"""What streams between browser and host: routes, sockets, the hub."""
