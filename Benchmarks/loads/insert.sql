INSERT INTO document (body) VALUES (repeat('x', :bytes));
