"""What is said in threads: of which kind a turn is, and which answer is the accepted one."""
