mod disclosure;
mod print;
mod seed_year;
