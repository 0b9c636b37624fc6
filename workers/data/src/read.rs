//! What lies in a folder, in whichever format people have it.

pub mod base;
mod choose;
mod classes;
mod coco;
mod createml;
mod csv;
mod cvat;
mod draft;
mod folder;
mod json;
mod label_studio;
mod labelme;
mod masks;
mod split;
mod unread;
mod voc;
mod xml;
mod yolo;

pub use choose::read as read_all;
pub use classes::check as check_classes;
pub use draft::{Draft, DraftImage, DraftLabel};
pub use masks::is_image_folder;
pub use split::split_of_folder;
