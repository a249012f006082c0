"""What an image stands for on this machine, and how it is pulled."""
