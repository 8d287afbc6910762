-- A preference more: who may see what one reacts to; null where nothing is chosen.
ALTER TABLE content.preferences ADD COLUMN reactions_list text;
