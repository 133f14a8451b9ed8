create table if not exists startup_marker (id int);
