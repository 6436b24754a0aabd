//! What is wrong with what was asked as a whole: a limit, a state, something that is there already.

use super::{Text, text};

/// It could not be read.
pub(super) fn malformed_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "control_character" => text(
            "El texto lleva un carácter que no se puede guardar.",
            "The text holds a character that cannot be kept.",
        ),
        "not_a_websocket" => {
            text("Esta dirección es para una conexión en vivo.", "This address is for a live connection.")
        }
        _ => return None,
    })
}

/// A limit of the program.
pub(super) fn limit_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "max_per_visit" => {
            text("Son más sellos de los que da una visita.", "These are more stamps than one visit gives.")
        }
        "min_minutes_between" => text(
            "Hace poco recibió su sello; todavía no toca otro.",
            "The last stamp was a moment ago; it is too soon for another.",
        ),
        "max_per_day" => text(
            "Ya tiene su sello de hoy; puede volver mañana.",
            "Today's stamp is there already; it can be tomorrow again.",
        ),
        "search_cap" => text(
            "Ya se dieron muchos sellos por búsqueda. Escanea la tarjeta o pide ayuda a un encargado.",
            "Many stamps were given by search. Scan the card, or ask a manager.",
        ),
        _ => return None,
    })
}

/// A reward is not open.
pub(super) fn reward_state(reason: &str) -> Option<Text> {
    Some(match reason {
        "redeemed" => text("Este premio ya se entregó.", "This reward was handed over before."),
        "expired" => text("Este premio venció.", "This reward has expired."),
        "void" => text(
            "Este premio se retiró porque se anuló el sello que lo dio.",
            "This reward was taken back with the stamp that gave it.",
        ),
        "open" => text(
            "Este premio no se ha entregado; no hay nada que deshacer.",
            "This reward was not handed over; there is nothing to undo.",
        ),
        _ => return None,
    })
}

/// It is there already, or stands otherwise than was thought.
pub(super) fn conflict_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "taken" => text("Ya está en uso. Elige otro.", "It is taken. Choose another."),
        "already_there" => {
            text("Ya hay una automatización de este tipo.", "There is an automation of this kind already.")
        }
        "off" => text(
            "WhatsApp está apagado aquí. Envía solo por la billetera.",
            "WhatsApp is off here. Send by the wallet alone.",
        ),
        "not_approved" => text(
            "Tu negocio todavía no puede enviar por WhatsApp. Escríbenos para activarlo.",
            "Your business may not send by WhatsApp yet. Write to us to turn it on.",
        ),
        "draft" => text("Esto todavía es un borrador.", "This is still a draft."),
        "written" => text(
            "Sus mensajes ya están escritos. Cancélala y crea otra si quieres decir otra cosa.",
            "Its messages are written already. Cancel it and make another to say something else.",
        ),
        "scheduled" | "running" => text(
            "La campaña está en marcha. Páusala primero; lo que ya está escrito sale como está.",
            "The campaign is under way. Pause it first; what is written already goes out as it is.",
        ),
        "paused" => text("La campaña está en pausa. Reanúdala.", "The campaign is paused. Resume it."),
        "canceled" | "done" => text("La campaña ya terminó.", "The campaign is over."),
        "last_owner" => {
            text("Un negocio necesita al menos un dueño.", "A business needs at least one owner.")
        }
        _ => return None,
    })
}
