-- Who may see what a person comments, by their wish. An older projector passes over it.
ALTER TABLE content.preferences ADD COLUMN comments_list text;
