"""What others' programs are told, and what people in charge do about whom."""
