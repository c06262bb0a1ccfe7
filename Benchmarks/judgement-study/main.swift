printSpeed()
